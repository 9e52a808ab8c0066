/** Something in cluster.yaml that only shows when the outputs are made. Its message is a sentence for the user. */
export class InputError extends Error {}
