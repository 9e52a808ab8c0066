import * as z from 'zod';

/** A forbidden character of a text, as messages name it: invisible ones by their number. */
function oddCharacter(text: string, allowed: RegExp): string {
  const odd = [...text].find((character) => !allowed.test(character)) ?? '';
  if (/[\p{L}\p{N}\p{P}\p{S} ]/u.test(odd)) return odd === "'" ? '"\'"' : `'${odd}'`;
  return `the character U+${(odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * Text for a line of a configuration file. Excluded is what would end the line or be misread: control
 * characters, line separators, direction marks, lone surrogates.
 */
export const line = z.string().regex(/^[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*$/u, {
  error: (issue) =>
    `'${issue.input}' has ${oddCharacter(String(issue.input), /[^\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/u)} in it, which cannot be part of a line: delete it`,
});

/**
 * An absolute path on a host, without characters that are special to a shell, systemd, podman, fstab or
 * exports.
 */
export const absolutePath = z.string().regex(/^\/(?!\/)[\w@+./-]*$/, {
  error: (issue) => notAPath(String(issue.input), /[\w@+./-]/, '/ . _ - + @'),
});

/** The path of a device, as udev names them. */
export const devicePath = z.string().regex(/^\/(?!\/)[\w@+=:./-]*$/, {
  error: (issue) =>
    /^\w+$/.test(String(issue.input))
      ? `'${issue.input}' is not the path of a device: write its name below '/dev/disk/by-id/', which 'ls -l /dev/disk/by-id' shows on the host`
      : notAPath(String(issue.input), /[\w@+=:./-]/, '/ . _ - + @ : ='),
});

function notAPath(text: string, allowed: RegExp, signs: string): string {
  return /^\/(?!\/)/.test(text)
    ? `'${text}' has ${oddCharacter(text, allowed)} in it, which programs on the hosts read as more than a part of the name: use the letters a to z, digits and ${signs}`
    : `'${text}' is not an absolute path: start it with '/' and use no spaces`;
}

/** A path on the operator's machine, without characters that are special to Terraform or OpenSSH. */
export const operatorPath = z.string().regex(/^[^\p{Cc}\p{Cs}\u2028\u2029"'`\\$%{}]+$/u, {
  error: (issue) => notAnOperatorPath(String(issue.input)),
});

/** A drive and a folder on it. */
const windowsPath = /^([A-Za-z]):[\\/]/;

export function isWindowsPath(text: string): boolean {
  return windowsPath.test(text);
}

export function notOfWindows(text: string): string {
  const below = text
    .replace(windowsPath, (_, drive: string) => `/mnt/${drive.toLowerCase()}/`)
    .replaceAll('\\', '/');
  return `'${text}' is a path of Windows, where neither ssh nor Terraform of Linux looks: in WSL it is '${below}'`;
}

/** Why a text is not a path on the operator's machine. */
export function notAnOperatorPath(text: string): string {
  if (text === '') return "'' is not a path: write one, or delete the line";
  if (windowsPath.test(text)) return notOfWindows(text);
  return `'${text}' has ${oddCharacter(text, /[^\p{Cc}\p{Cs}\u2028\u2029"'`\\$%{}]/u)} in it, which Terraform or ssh reads as more than a part of the name: rename the file or folder`;
}
