export interface Dish {
  readonly name: string;
  readonly price: number;
}

export const dishes: readonly Dish[] = [
  { name: 'Dumplings', price: 9 },
  { name: 'Lentil soup', price: 6 },
];
