/** A row of `npm run rehearse`: what a story promises, what was counted, and whether the promise held. */
export type Row = { readonly promised: string; readonly counted: string; readonly holds: boolean }
export type Story = { readonly id: string; run(): Promise<Row> }
