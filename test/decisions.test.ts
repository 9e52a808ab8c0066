import { readdirSync, readFileSync } from 'node:fs';
import { tableUnder } from './support/markdown';

const folder = 'docs/decisions';
const records = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .sort()
  .map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }));

test.each(records)('$name has its number, date, status and sections', ({ name, text }) => {
  const number = records.findIndex((record) => record.name === name) + 1;
  expect(name).toMatch(new RegExp(`^${String(number).padStart(4, '0')}-[a-z0-9-]+\\.md$`));
  expect(text).toMatch(
    new RegExp(
      `^# ${number}\\. .+\\n\\n- Date: \\d{4}-\\d\\d-\\d\\d\\n- Status: (accepted|superseded by \\[\\d+\\]\\(.+\\))\\n`,
    ),
  );
  expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
    'Context',
    'Decision',
    'Alternatives',
  ]);
});

test('a record is superseded by a later one', () => {
  for (const { name, text } of records) {
    const [, number, target] = /^- Status: superseded by \[(\d+)\]\((.+)\)$/m.exec(text) ?? [];
    if (number === undefined) continue;
    expect(records[Number(number) - 1]?.name).toBe(target);
    expect(target && target > name).toBe(true);
  }
});

test('the index lists every record with its title, date and status', () => {
  const listed = tableUnder(`${folder}/README.md`, '## Records');
  const expected = records.map(({ name, text }) => {
    const [, number, title, date, status] =
      /^# (\d+)\. (.+)\n\n- Date: (.+)\n- Status: (.+)\n/.exec(text) ?? [];
    return [`[${number}](${name})`, title, date, status];
  });
  expect(listed).toEqual(expected);
});
