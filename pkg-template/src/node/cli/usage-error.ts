/** The command line is wrong: said in a sentence, with where to look. */
export class UsageError extends Error {
  readonly advice: string;

  constructor(message: string, advice = '') {
    super(message);
    this.name = 'UsageError';
    this.advice = advice;
  }
}
