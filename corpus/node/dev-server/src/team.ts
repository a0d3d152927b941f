export enum Mood {
  Sunny = 'sunny',
  Cloudy = 'cloudy',
}

export interface Member {
  name: string;
  mood: Mood;
}

export const team: Member[] = [
  { name: 'Ada', mood: Mood.Sunny },
  { name: 'Grace', mood: Mood.Cloudy },
  { name: 'Radia', mood: Mood.Sunny },
];
