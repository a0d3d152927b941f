import path from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import recipes from './recipes.json' with { type: 'json' };
import { scale, type Recipe } from './scale.js';

const app = express();
const all: readonly Recipe[] = recipes as unknown as Recipe[];

app.use(express.static(path.join(import.meta.dirname, '..', 'public')));

app.get('/recipes', (request, response) => {
  response.json(all.map(({ name }) => name));
});

app.get('/recipes/:name', (request, response, next) => {
  const recipe = all.find(({ name }) => name.toLowerCase() === request.params.name);
  const people = Number(request.query['people'] ?? recipe?.serves);
  if (!recipe) next();
  else if (!(people > 0)) throw new RangeError('for how many?');
  else response.json(scale(recipe, people));
});

app.use((error: Error, request: Request, response: Response, next: NextFunction) => {
  if (error instanceof RangeError) response.status(400).send(error.message);
  else next(error);
});

app.listen(8080, () => console.log('http://localhost:8080'));
