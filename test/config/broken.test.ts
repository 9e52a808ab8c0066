import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadConfig } from '../../src/config/load';
import { renderIssues } from '../../src/config/render';

// Every broken file has beside it what the user reads about it. `UPDATE_FIXTURES=1 npx jest broken` writes the texts
// anew, for a review of the difference.

const folder = join(__dirname, '..', 'fixtures', 'broken');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

test.each(files)('%s is reported as the text beside it says', (file) => {
  const { config, issues, sources } = loadConfig(join(folder, file), file);
  const expected = join(folder, `${basename(file, '.yaml')}.txt`);
  const text = `${renderIssues(issues, sources.textOf, { color: false })}\n`;
  if (process.env.UPDATE_FIXTURES) writeFileSync(expected, text);

  expect(issues.length).toBeGreaterThan(0);
  expect(config === undefined).toBe(issues.some(({ severity }) => severity === 'error'));
  expect(text).toBe(existsSync(expected) ? readFileSync(expected, 'utf8') : undefined);
});

test('every text belongs to a broken file', () => {
  const texts = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  expect(texts.map((file) => `${basename(file, '.txt')}.yaml`)).toEqual(files);
});
