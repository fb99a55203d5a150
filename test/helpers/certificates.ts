// Certificates of our own making for 127.0.0.1.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Writes `cert.pem` and `key.pem`, whose subject is `name`, into a folder; returns their paths. */
export function writeCertificate(folder: string, name = 'localhost'): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...newKey, '-out', cert, '-days', '1', ...subject], { stdio: 'ignore' })
  return { cert, key }
}
