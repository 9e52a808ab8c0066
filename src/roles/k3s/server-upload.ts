import type { RemoteStepProps, StepUpload } from '../../hosts/remote-step';
import { passwordFiles } from '../../model/external-database';
import { datastoreFiles, serverSecrets } from '../../model/secrets';
import type { Host, Topology } from '../../model/topology';
import { saltedTrigger } from '../salted-trigger';

/** The secrets of a server, which of them are for the database, and what runs its steps again. */
export function serverUpload(
  host: Host,
  { database }: Topology,
): Omit<StepUpload, 'remedy'> & Pick<RemoteStepProps, 'env' | 'triggers'> {
  const { folder, token, agentToken, ca, certificate } = serverSecrets(host);
  if (!database.external) return { folder, hashed: [token, agentToken, ca, certificate] };
  const files = datastoreFiles(database);
  const made = passwordFiles(database).map(({ file }) => file);
  const isCertificate = (name: string) => name.endsWith('.crt');
  const names = [...files.map(({ name }) => name), ...made];
  const copies = names.map((name) => `datastore-${name}`);
  return {
    folder,
    hashed: [token, agentToken, ...copies.filter(isCertificate)],
    needed: copies.filter((name) => !isCertificate(name)),
    env: { DATASTORE_FILES: names.join(' ') },
    triggers: made.length > 0 ? { password: saltedTrigger(folder, 'datastore-password') } : {},
  };
}
