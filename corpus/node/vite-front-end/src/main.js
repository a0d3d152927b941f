import { toMiles } from './convert.js';
import './main.css';

const input = document.querySelector('#km');
const output = document.querySelector('#miles');

const show = () => (output.textContent = `${toMiles(Number(input.value)).toFixed(2)} miles`);
input.addEventListener('input', show);
show();
