/** A file that an output needs to write is there already and was not written by us. */
export class ForeignFileError extends Error {
  constructor(path: string) {
    super(`'${path}' was not written by k3s-cdk: move or delete it, then run again`);
  }
}
