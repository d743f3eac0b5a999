export const packageVersion: string;
