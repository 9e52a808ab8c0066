// npm runs this before it publishes. A package says where it comes from and where to report what is wrong with it, its
// repository who owns it: nobody knows these yet, and an address that leads nowhere is worse than none.

const fs = require('node:fs');
const path = require('node:path');

/** What is missing before the package in a folder can be published. */
exports.missing = function missing(root) {
  const text = (name) => {
    const file = path.join(root, name);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  };
  const { version, repository, bugs } = JSON.parse(text('package.json'));
  const owned = text('.github/CODEOWNERS')
    .split('\n')
    .some((line) => /^[^#\s]+\s+\S/.test(line));
  const waiting = fs.readdirSync(path.join(root, '.changeset')).filter((name) => name.endsWith('.md'));
  const unpublished = ['README.md', 'docs/how-to/install.md'].filter((name) =>
    text(name).includes('No package registry has'),
  );
  return [
    ...(repository ? [] : ["package.json has no 'repository'"]),
    ...(bugs ? [] : ["package.json has no 'bugs'"]),
    ...(owned ? [] : ['.github/CODEOWNERS names nobody']),
    ...(waiting.length === 0
      ? []
      : [`.changeset/ has what CHANGELOG.md does not: run 'npm run release' (${waiting.join(', ')})`]),
    ...(text('CHANGELOG.md').includes(`\n## ${version}\n`)
      ? []
      : [`CHANGELOG.md has no part for ${version}`]),
    ...unpublished.map((name) => `${name} says that no registry has the package`),
  ];
};

if (require.main === module) {
  const problems = exports.missing(path.resolve(__dirname, '..', '..'));
  for (const problem of problems) console.error(`error: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
