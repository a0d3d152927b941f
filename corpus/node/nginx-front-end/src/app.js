import { h, render } from 'preact';
import { moonAge, phaseName } from './moon.js';

function Sky() {
  const age = moonAge(new Date());
  return h('p', null, `${SITE}: tonight a ${phaseName(age)}, ${age.toFixed(1)} days old`);
}

render(h(Sky), document.querySelector('#sky'));
