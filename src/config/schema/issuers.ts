import * as z from 'zod';
import { dnsLabel } from './primitives';

const secretKey = z
  .strictObject({
    name: dnsLabel.describe('Name of the Secret, in namespace `cert-manager`. You create it.'),
    key: z.string().min(1).describe('Key in the Secret.'),
  })
  .describe('A value that only the cluster knows.');

const acme = z
  .strictObject({
    email: z.email().describe('Address that the CA warns before a certificate expires.'),
    server: z
      .url({ protocol: /^https$/ })
      .default('https://acme-v02.api.letsencrypt.org/directory')
      .describe(
        "Directory of the CA. Let's Encrypt's for tests: https://acme-staging-v02.api.letsencrypt.org/directory.",
      ),
    dns01: z
      .record(z.string(), z.json())
      .exactOptional()
      .describe(
        'DNS-01 solver, as in cert-manager: `{ cloudflare: { apiTokenSecretRef: { name, key } } }`. Without it, HTTP-01 through the ingress.',
      ),
    solvers: z
      .array(z.record(z.string(), z.json()))
      .min(1)
      .exactOptional()
      .describe(
        'Several solvers, as in cert-manager: for each name, the one whose `selector` fits best. In place of `dns01`.',
      ),
  })
  .describe("Certificates from a public CA such as Let's Encrypt (ACME).");

const vault = z
  .strictObject({
    server: z.url().describe('Address of Vault.'),
    path: z.string().min(1).describe('Path of the signing role: `pki/sign/homelab`.'),
    namespace: z.string().min(1).exactOptional().describe('Namespace in Vault (Enterprise).'),
    caBundleSecret: secretKey.exactOptional().describe('CA certificate for the server certificate of Vault.'),
    kubernetes: z
      .strictObject({
        role: z.string().min(1).describe("Role of Vault's Kubernetes authentication."),
        mountPath: z.string().min(1).default('/v1/auth/kubernetes').describe('Where it is mounted.'),
        serviceAccount: dnsLabel
          .default('vault-issuer')
          .describe(
            'ServiceAccount in namespace `cert-manager` to log in as; created for you, with permission to request its tokens.',
          ),
      })
      .exactOptional()
      .describe('Log in with a token of a ServiceAccount.'),
    appRole: z
      .strictObject({
        path: z.string().min(1).default('approle').describe('Where the AppRole authentication is mounted.'),
        roleId: z.string().min(1).describe('ID of the role.'),
        secret: secretKey.describe('Its secret ID.'),
      })
      .exactOptional()
      .describe('Log in with an AppRole.'),
    tokenSecret: secretKey.exactOptional().describe('Log in with a token.'),
  })
  .describe('Certificates of HashiCorp Vault or OpenBao. One of `kubernetes`, `appRole` and `tokenSecret`.');

export const issuer = z
  .strictObject({
    name: dnsLabel.describe('Name of the ClusterIssuer.'),
    selfSigned: z.strictObject({}).exactOptional().describe('Certificates signed by their own key.'),
    ca: z
      .strictObject({
        secret: dnsLabel.describe('Secret in namespace `cert-manager` with `tls.crt` and `tls.key`.'),
      })
      .exactOptional()
      .describe('Certificates of a CA whose key is in the cluster.'),
    acme: acme.exactOptional(),
    vault: vault.exactOptional(),
  })
  .describe('Where certificates come from. One of `selfSigned`, `ca`, `acme` and `vault`.');
