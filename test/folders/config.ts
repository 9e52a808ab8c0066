import { runFolder } from '../support/run-folder';

runFolder(__filename);
