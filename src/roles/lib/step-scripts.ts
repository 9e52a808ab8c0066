import start from '../../hosts/start.sh';
import lib from './lib.sh';

/** What every step uploads: how it starts, and the functions that all of them share. */
export const stepScripts = { 'start.sh': start, 'lib.sh': lib } as const;
