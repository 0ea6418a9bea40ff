import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files of a certificate that signs itself. */
export type Certificate = { readonly certificate: string; readonly key: string };

/** @param name whom it is for, e.g. `IP:127.0.0.1` or `DNS:localhost` */
export function newCertificate(name: string): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'orders-tls-'));
  const [certificate, key] = [join(directory, 'redis.crt'), join(directory, 'redis.key')];
  const subject = ['-subj', '/CN=redis', '-addext', `subjectAltName=${name}`, '-days', '2'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], { stdio: 'ignore' });
  return { certificate, key };
}
