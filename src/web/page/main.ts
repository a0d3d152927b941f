/** The page: a review of files of this machine, or the playground, as it was built. */
import { startPlayground } from './playground.ts';
import { startReview } from './review.ts';

const app = document.getElementById('app')!;
document.title = IS_PLAYGROUND ? 'dfopt playground' : 'dfopt review';
void (IS_PLAYGROUND ? startPlayground(app) : startReview(app));
