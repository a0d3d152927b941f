/** What the bot says of a pull request: files, results and what was said before in, a plan out. */
import type { Review, ReviewInput } from './review-types.ts';

export type * from './review-types.ts';

export declare function reviewOf(input: ReviewInput): Review;
