/** A row of `npm run rehearse`: what a story promises, what was counted, and whether the promise held; null where it could not be tried here. */
export type Row = { readonly promised: string; readonly counted: string; readonly holds: boolean | null }
export type Story = { readonly id: string; run(): Promise<Row> }
