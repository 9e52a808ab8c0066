import { dirname, join } from 'node:path';
import type { ClusterFile } from '../config';
import type { Draft } from '../draft';
import type { Issue } from '../issue';
import type { Path } from '../path';
import { Positions } from '../positions';
import { quote } from '../quote';
import { type ReadBytes, readBelow, readSource, type SourceText } from '../read';
import { known } from '../rules/known';
import type { Sources } from '../sources';

export interface ReadStepFilesOptions {
  /** Of cluster.yaml. */
  readonly folder: string;
  /** Of cluster.yaml in issues. */
  readonly name: string;
  readonly sources: Sources;
  /** Undefined: from the disk. */
  readonly read: ReadBytes | undefined;
}

/** Reads the files that `steps` of cluster.yaml name, and says what keeps them from being uploaded. */
export function readStepFiles(
  steps: Draft<ClusterFile['steps']> | undefined,
  { folder, name, sources, read = readBelow(folder) }: ReadStepFilesOptions,
): { readonly texts: Readonly<Record<string, string>>; readonly issues: readonly Issue[] } {
  // A file may be called 'constructor'.
  const texts: Record<string, string> = Object.create(null);
  const issues: Issue[] = [];
  const add = (file: string | undefined, path: Path, isScript: boolean) => {
    if (file === undefined) return;
    const { text, problem } = readStepFile(file, folder, read);
    texts[file] = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    const complaint = problem ?? textComplaint(text, isScript);
    if (complaint && /^(no-file|too-large)$/.test(complaint.code))
      issues.push(sources.issue({ path }, complaint));
    else if (complaint) {
      const positions = new Positions(join(dirname(name), file), text);
      sources.add(positions);
      issues.push(positions.issueAt(complaint.span, complaint));
    }
  };
  for (const [index, { run, uninstall, files }] of known(steps)) {
    add(run, ['steps', index, 'run'], true);
    add(uninstall, ['steps', index, 'uninstall'], true);
    for (const [n, file] of known(files)) add(file, ['steps', index, 'files', n], file.endsWith('.sh'));
  }
  return { texts, issues };
}

function readStepFile(file: string, folder: string, read: ReadBytes): SourceText {
  if (file.split('/').some((part) => /^\.\.?$/.test(part))) {
    const message = `${quote(file)} has '.' or '..' in it: write the path from the folder of this file`;
    return { text: '', problem: { code: 'no-file', message, span: [0, 0] } };
  }
  const words = {
    missing: `there is no file ${quote(file)}: paths are relative to this file`,
    directory: `${quote(file)} is a directory: name the files in it`,
    tooLarge: `${quote(file)} is larger than 1 MB, which a step does not carry: let the script download it`,
  };
  return readSource(join(folder, file), words, read);
}

function textComplaint(text: string, isScript: boolean): SourceText['problem'] {
  const key = text.search(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  if (key >= 0)
    return {
      ...{ span: [key, key + 10], code: 'secret' },
      message:
        "this is a private key, and what steps bring stands in 'cdktf.out' and 'hosts': move it to 'secrets/steps/', and name it under 'secrets' of the step",
    };
  const [first = ''] = text.split('\n');
  if (!isScript || /^#! ?(\/usr)?\/bin\/(env )?bash( -\w+)*$/.test(first)) return undefined;
  return {
    ...{ span: [0, Math.max(1, first.length)], code: 'no-bash' },
    message: first.endsWith('\r')
      ? "the lines of this script end as on Windows, which bash does not understand: convert it, as with 'dos2unix'"
      : "steps are scripts of bash: begin this file with '#!/usr/bin/env bash'",
  };
}
