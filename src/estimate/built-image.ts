/** An image that was built: what its history says of each step, and what its layers weigh. */

export interface BuiltRow {
  /** As the builder recorded it; empty where it recorded nothing. */
  readonly createdBy: string;
  /** Of all files in its layer, unpacked. */
  readonly bytes: number;
  /** There is a layer, be it an empty one. */
  readonly hasLayer: boolean;
}

export interface BuiltImage {
  /** As the user named it. */
  readonly name: string;
  /** From the base upwards. */
  readonly rows: readonly BuiltRow[];
}
