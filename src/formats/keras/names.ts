// How Keras names the parts of a network in its weight files.

/** "BatchNormalization" → "batch_normalization", "Conv2D" → "conv2d" (keras.src.utils.naming.to_snake_case). */
export function toSnakeCase(className: string): string {
  // The class is called otherwise in Python than in configurations.
  const name = className === 'GroupQueryAttention' ? 'GroupedQueryAttention' : className;
  return name.replace(/\W+/g, '').replace(/(.)([A-Z][a-z]+)/g, '$1_$2').replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}

/** An owner as files are asked for it: whether its attributes are private has changed between versions (`_query_dense`, `query_dense`). */
export const withoutUnderscores = (owner: string): string => owner.replace(/(^|\/)_+/g, '$1');

/** Names that are counted where they come again: "dense", "dense_1". */
export class CountedNames {
  readonly #used = new Map<string, number>();

  next(name: string): string {
    const count = this.#used.get(name) ?? 0;
    this.#used.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  }
}
