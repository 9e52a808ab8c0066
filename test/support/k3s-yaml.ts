import { stringify } from 'yaml';
import { issueAuthority, issueLeaf } from '../../src/pki/issue';
import { newPrivateKey } from '../../src/pki/key';
import type { KeyedCertificate } from '../../src/pki/request';

/** What identifies an administrator, PEM. */
export interface Administrator extends KeyedCertificate {
  /** Of the API's certificate. */
  readonly authority: string;
}

const now = new Date('2026-06-01T12:00:00Z');

/** An administrator of a cluster that nobody else has. */
export async function newAdministrator(): Promise<Administrator> {
  const authority = { key: newPrivateKey(), certificate: '' };
  authority.certificate = await issueAuthority('lab', authority.key, now);
  const key = newPrivateKey();
  const request = { commonName: 'system:admin', usage: 'client', ipAddresses: [], dnsNames: [] } as const;
  return {
    authority: authority.certificate,
    key,
    certificate: await issueLeaf(request, key, authority, now),
  };
}

export const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What k3s writes on a server, with members added to its cluster and its user. */
export function k3sYaml(
  { authority, certificate, key }: Administrator,
  { cluster = {}, user = {} }: { cluster?: object; user?: object } = {},
): string {
  return stringify(
    {
      apiVersion: 'v1',
      clusters: [
        {
          cluster: {
            'certificate-authority-data': base64(authority),
            server: 'https://127.0.0.1:7443',
            ...cluster,
          },
          name: 'default',
        },
      ],
      contexts: [{ context: { cluster: 'default', user: 'default' }, name: 'default' }],
      'current-context': 'default',
      kind: 'Config',
      users: [
        {
          name: 'default',
          user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key), ...user },
        },
      ],
    },
    { lineWidth: 0 },
  );
}
