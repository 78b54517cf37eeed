/**
 * Who may do what at the desk, by role: a viewer looks, an operator answers alarms, an engineer changes what is judged and
 * steers the simulator, an admin manages people. Each role may do all that the ones before it may.
 */
export const ROLES = ['viewer', 'operator', 'engineer', 'admin'] as const
export type Role = (typeof ROLES)[number]

export const mayActAs = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)
