/** A range of bytes and what it stands for. Siblings follow each other and leave no byte of their parent out. */
export interface DecodedNode {
  /** Unique and stable, such as `targetInfo.timestamp`. */
  id: string;
  /** The name in the specification. */
  label: string;
  /** Where it begins in the token's bytes. */
  start: number;
  /** Where it ends. */
  end: number;
  /** A number, or text: names as they are, times in ISO 8601, bytes in hexadecimal; null if only its children say something. */
  value: string | number | null;
  /** What that means, in words; may be empty. */
  meaning: string;
  /** What is wrong with it; absent if nothing is. */
  problem?: string;
  /** Whether it could serve to attack the password or the session: views should mask it. */
  sensitive?: true;
  /** The flags, set or not, if it is a set of flags. */
  bits?: DecodedBit[];
  children: DecodedNode[];
}

/** One flag. */
export interface DecodedBit {
  mask: number;
  /** The letter that the specification gives it; may be empty. */
  letter: string;
  name: string;
  meaning: string;
  set: boolean;
}

/** The last part of an id: the name among siblings. */
export function nameOf({ id }: DecodedNode): string {
  return id.slice(id.lastIndexOf('.') + 1);
}
