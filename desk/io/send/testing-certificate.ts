/** A certificate for this machine's name, by an authority made for the test. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issueServer, makeAuthority } from '../../../runtime/certificates.ts'

/** `cert.pem` in the folder is what a client trusts. */
export async function makeCertificates(folder: string): Promise<{ key: string; cert: string }> {
  const authority = await makeAuthority('Test', new Date())
  const { key, certificate } = await issueServer(authority, ['localhost', '127.0.0.1'], new Date())
  await writeFile(join(folder, 'cert.pem'), authority.certificate)
  return { key, cert: certificate }
}
