import { testWhen } from '../../support/needs';
import { canApply, testApply } from './project';

/** Whether tests run that take longer than CI has: `LAB_LONG=1`. */
export const isLong = process.env.LAB_LONG === '1';

/** `test` of the long form. */
export const testLong =
  canApply && !isLong ? testWhen(false, 'the long form is not run: set LAB_LONG=1') : testApply;
