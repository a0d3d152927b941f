export interface Recipe {
  readonly name: string;
  readonly serves: number;
  readonly grams: Readonly<Record<string, number>>;
}

/** Amounts in grams for another number of people, rounded as a kitchen scale shows them. */
export function scale(recipe: Recipe, people: number): Recipe['grams'] {
  const factor = people / recipe.serves;
  return Object.fromEntries(
    Object.entries(recipe.grams).map(([name, grams]) => [name, Math.round((grams * factor) / 5) * 5]),
  );
}
