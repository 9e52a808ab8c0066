import { readdirSync, readFileSync } from 'node:fs';
import { tableUnder } from './support/markdown';

const folder = 'docs/decisions';
const records = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .sort()
  .map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }));

test.each(records)('$name has its number, date, status and sections', ({ name, text }) => {
  expect(name).toMatch(/^\d{4}-[a-z0-9-]+\.md$/);
  const number = Number(name.slice(0, 4));
  expect(records.filter((record) => record.name.startsWith(name.slice(0, 4)))).toHaveLength(1);
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
    expect(records.map((record) => record.name)).toContain(target);
    expect(Number(target?.slice(0, 4))).toBe(Number(number));
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
