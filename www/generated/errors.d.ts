/** Code, message and advice of each kind of error, by its number. */
export const errors: readonly (readonly [string, string, string])[];
