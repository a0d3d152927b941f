/** What the playground begins with. The page is built so that this needs no piece beside the first. */
import { DEFAULT_LEVEL } from '../../pass.ts';
import type { Choices } from '../messages.ts';

export const DEFAULT_CHOICES: Choices = {
  level: DEFAULT_LEVEL,
  builder: 'buildkit',
  skip: [],
  deny: [],
  passOptions: {},
};

export const EXAMPLE = `FROM node:22

WORKDIR /usr/src/app

# Thumbnails are made by ImageMagick.
RUN apt-get update && apt-get install -y imagemagick

COPY package.json ./
RUN npm install
COPY . .

EXPOSE 3000
CMD ["node", "server.js"]
`;
