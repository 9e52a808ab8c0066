import type { LocalExecProvisioner } from 'cdktf';

/**
 * How an apply learns that a run of a step did not finish. Terraform records a resource as created before its
 * provisioners run; if it is killed after another resource has finished, the next apply finds that record and
 * does nothing.
 *
 * So unfinished runs are counted in a file beside the state, and the count is a trigger: a run increments it
 * when it starts and resets it when it ends, whatever the count was. No file means none.
 */
export interface UnfinishedRuns {
  /** A Terraform expression. */
  readonly trigger: string;
  readonly begin: LocalExecProvisioner;
  readonly end: LocalExecProvisioner;
}

/** As a pattern for a shell's `case`: anything but a number of up to four digits. */
const noCount = "'' | 0* | *[!0-9]* | ?????*";

/**
 * @param project folder of the state, as Terraform finds it; an expression
 * @param folder name of the folder in it that has the counts
 * @param step as Terraform names it: `server1_k3s`
 */
export function unfinishedRuns(project: string, folder: string, step: string): UnfinishedRuns {
  const file = `${folder}/${step}`;
  // Others may have written there, and shell arithmetic can run commands: anything but a count is zero.
  const read = `count=$(head -c 9 ${file} 2>/dev/null) || true; case $count in ${noCount}) count=0 ;; esac`;
  const quietly = (command: string) =>
    ({ type: 'local-exec', workingDir: project, quiet: true, command }) as const;
  return {
    trigger: `\${try(regex("^[1-9][0-9]{0,3}$", trimspace(file("${project}/${file}"))), "0")}`,
    begin: quietly(`${read}; mkdir -p ${folder} && echo $((count + 1)) >${file}`),
    end: quietly(`${read}; if [ $count -gt 1 ]; then echo $((count - 1)) >${file}; else rm -f ${file}; fi`),
  };
}
