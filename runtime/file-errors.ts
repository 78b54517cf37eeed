/** Turns what the file system and the network say into errors that a person can act on. */
import { PlumblineError } from '../domain/errors.ts'

/** A coded error for the usual causes; anything else comes back as it is. */
export function operatingError(error: unknown, where: string): unknown {
  if (error instanceof PlumblineError) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  const options = { cause: error }
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new PlumblineError('DATA_READ_ONLY', `cannot write ${where} (${code})`, options)
    case 'ENOSPC':
    case 'EDQUOT':
      return new PlumblineError('DATA_FULL', `no space left for ${where} (${code})`, options)
    case 'EADDRINUSE':
      return new PlumblineError('PORT_IN_USE', `${where} is already in use`, options)
    default:
      return error
  }
}
