/** What a store of a test says of itself: nothing. */
import type { StoreHealth } from '../../domain/ports.ts'

export const noHealth = async (): Promise<StoreHealth> => ({
  kind: 'embedded',
  where: '',
  bytes: undefined,
  free_bytes: undefined,
  oldest_ns: undefined,
  newest_ns: undefined,
  quarantined: undefined,
  last_backup_ns: undefined,
})
