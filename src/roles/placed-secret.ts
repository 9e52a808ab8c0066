import { X509Certificate } from 'node:crypto';
import { type CertificateFolder, databaseCa, databaseClusterCa } from '../model/secrets';
import { isPrivateKey } from '../pki/key';

/** A secret that a step has put on a host. */
export interface PlacedSecret {
  /** Path on the host. */
  readonly remote: string;
  /** Its file, below the folder of cluster.yaml. */
  readonly local: string;
  /** Whether a text can be it. */
  readonly isIt: (text: string) => boolean;
}

export function placed(remote: string, local: string, isIt: PlacedSecret['isIt']): PlacedSecret {
  return { remote, local, isIt };
}

/** A certificate of the database's CA with its key, and the CA's own. */
export function placedPair(folder: string, name: string, files: CertificateFolder): PlacedSecret[] {
  return [placed(`${folder}/ca.crt`, databaseCa.certificate, isCertificate), ...pair(folder, name, files)];
}

/** The same of the CA of Patroni and etcd. */
export function placedClusterPair(folder: string, name: string, files: CertificateFolder): PlacedSecret[] {
  return [
    placed(`${folder}/cluster-ca.crt`, databaseClusterCa.certificate, isCertificate),
    ...pair(folder, name, files),
  ];
}

function pair(folder: string, name: string, files: CertificateFolder): PlacedSecret[] {
  return [
    placed(`${folder}/${name}.crt`, `${files.folder}/${files.certificate}`, isCertificate),
    placed(`${folder}/${name}.key`, `${files.folder}/${files.key}`, isPrivateKey),
  ];
}

/** As k3s accepts it: no blanks, no control characters. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{8,512}\n?$/.test(text);
}

export function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).toString().trim() === text.trim();
  } catch {
    return false;
  }
}

/** A file that people write. */
export function isText(text: string): boolean {
  return text !== '' && !/[^\P{Cc}\n\t\r]/u.test(text);
}
