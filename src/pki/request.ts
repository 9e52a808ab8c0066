/** What a certificate is issued for. */
export interface CertificateRequest {
  readonly commonName: string;
  /** Distinguishes certificates of one common name. */
  readonly organizationalUnit?: string;
  /** `peer` is both. */
  readonly usage: 'server' | 'client' | 'peer';
  /** Subject alternative names; a client needs none. */
  readonly ipAddresses: readonly string[];
  readonly dnsNames: readonly string[];
}

/** A certificate and its private key, as PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}
