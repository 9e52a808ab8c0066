import lib from './scripts/lib.sh';
import record from './scripts/lib-record.sh';
import start from './scripts/start.sh';

/** What every step brings along: how it starts, and the functions that all of them share. */
export const stepScripts = { 'start.sh': start, 'lib.sh': lib, 'lib-record.sh': record } as const;
