/** Model to text: what was parsed comes out byte for byte. */
import { instructionsOf, type Dockerfile } from './model.ts';

export function print(file: Dockerfile): string {
  const body = instructionsOf(file)
    .map((instruction) => instruction.lead + instruction.text + instruction.eol)
    .join('');
  return file.bom + file.header + body + file.tail;
}
