import * as z from 'zod';

/** How many of something: of days, weeks or months. */
export const count = z.int().min(0).max(366);

/** Which backups stay, wherever they are. */
export const keep = z.strictObject({
  last: count.min(1).default(3).describe('The newest ones, however old.'),
  daily: count.default(7).describe('The newest one of each of this many days.'),
  weekly: count.default(4).describe('The newest one of each of this many weeks.'),
});
