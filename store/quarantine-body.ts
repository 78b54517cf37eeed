/** What stands in quarantine as JSON: complete, so that a person can put it right. BigInts as text, samples as base64. */
export const bodyJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === 'bigint') return String(v)
    if (v instanceof Int16Array || v instanceof Int32Array || v instanceof Uint8Array)
      return {
        type: v.constructor.name === 'Buffer' ? 'Uint8Array' : v.constructor.name,
        base64: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64'),
      }
    if (typeof v === 'number' && !Number.isFinite(v)) return String(v)
    return v
  })
