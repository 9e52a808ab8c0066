import { answers, testWhen } from './needs';

export const testWithShellcheck = testWhen(
  answers('shellcheck', '--version'),
  'scripts are not linted: shellcheck is missing (apt-get install shellcheck)',
);

/** All optional checks but those that contradict how the scripts are written. */
export const shellcheckOptions = [
  '--external-sources',
  '--enable=all',
  // Braces around every variable add noise, not safety (SC2250); functions are used in conditions on purpose (SC2310,
  // SC2311), and a substitution whose failure matters is an assignment of its own (SC2312).
  '--exclude=SC2250,SC2310,SC2311,SC2312',
];
