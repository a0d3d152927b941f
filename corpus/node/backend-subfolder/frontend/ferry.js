async function show() {
  const answer = await fetch('/api/next');
  const { ferry } = await answer.json();
  document.querySelector('#ferry').textContent = ferry;
}

show();
setInterval(show, 60_000);
