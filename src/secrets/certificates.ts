import { isIssuedBy, leafFault } from '../pki/inspect';
import { isPrivateKey, newPrivateKey } from '../pki/key';
import { type Authority, remedy } from './authority';
import type { Leaf } from './leaves';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/**
 * The certificates that a CA issues, with their keys and their copies of the CA's certificate. Renewal keeps the
 * key: one file is replaced by one rename, so certificate and key always fit.
 */
export class Certificates {
  constructor(
    private readonly files: PrivateFiles,
    private readonly authority: Authority,
    private readonly options: { readonly now: Date; readonly renew: boolean },
    private readonly report: SecretsReport,
  ) {}

  /** Creates what is missing of one certificate, renews it if asked to, or reports what is wrong with it. */
  async ensure(leaf: Leaf): Promise<void> {
    const { files, options, report } = this;
    const present = files.read(leaf.certificate);
    if (present === undefined) {
      await this.issue(leaf, 'created');
    } else {
      const key = files.read(leaf.key);
      const fault = leafFault(present, key, this.authority.certificate, leaf.request, options.now);
      if (fault && options.renew) await this.issue(leaf, 'renewed');
      else if (fault)
        report.found(fault.severity, `'${leaf.certificate}' ${fault.reason}: run 'k3s-cdk init --renew'`);
    }
    this.copyAuthority(leaf);
  }

  private async issue(leaf: Leaf, kind: 'created' | 'renewed'): Promise<void> {
    const { files, authority, report } = this;
    if (authority.key === undefined) {
      report.found(
        'error',
        `'${authority.kind.key}' is missing, which '${leaf.certificate}' is made with: ${remedy(authority.kind, `'${authority.kind.certificate}'`)}`,
      );
      return;
    }
    const found = files.read(leaf.key);
    if (found !== undefined && !isPrivateKey(found)) {
      report.found(
        'error',
        `'${leaf.key}' is not an EC P-256 private key: delete it and run the command again`,
      );
      return;
    }
    const key = found ?? newPrivateKey();
    // The key first: the next run continues from it if this one is interrupted here.
    if (found === undefined) {
      files.create(leaf.key, key);
      report.changed('created', leaf.key);
    }
    const { issueLeaf } = await import('../pki/issue');
    const signer = { certificate: authority.certificate, key: authority.key };
    const certificate = await issueLeaf(leaf.request, key, signer, this.options.now);
    if (kind === 'created') files.create(leaf.certificate, certificate);
    else files.replace(leaf.certificate, certificate);
    report.changed(kind, leaf.certificate);
  }

  /**
   * A folder never gets a CA that did not issue its certificate: deployed like that, it would break
   * connections.
   */
  private copyAuthority(leaf: Leaf): void {
    const { files, authority, report } = this;
    const certificate = files.read(leaf.certificate);
    if (certificate === undefined || !isIssuedBy(certificate, authority.certificate)) return;
    const copy = files.read(leaf.ca);
    if (copy === authority.certificate) return;
    if (copy === undefined) files.create(leaf.ca, authority.certificate);
    else files.replace(leaf.ca, authority.certificate);
    report.changed(copy === undefined ? 'created' : 'copied', leaf.ca);
  }
}
