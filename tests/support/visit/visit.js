// What a visitor does, in a browser that no driver steers: all pictures, then the camera, and what was
// seen is told to the host as the query of a request.

const find = (id) => document.getElementById(id);
const tell = (name, said) => fetch(`/told?${encodeURIComponent(JSON.stringify([name, said]))}`).catch(() => {});

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 100));
}

try {
  await until(() => !find("cover").hidden && find("cover-title").textContent !== "One moment");
  await tell("title", find("cover-title").textContent);
  const { Answerer } = await import("/page/answerer.js");
  const { readPhoto } = await import("/page/photo.js");
  const answerer = new Answerer();
  await answerer.load();
  for (const name of (await (await fetch("/pictures/list.txt")).text()).split("\n")) {
    const bitmap = await readPhoto(await (await fetch(`/pictures/${name}`)).blob());
    const { result } = await answerer.ask("photo", { bitmap });
    await tell(name, result.map(({ seen, ...answer }) => answer));
  }
  if (location.search === "?camera") {
    find("start-camera").click();
    await until(() => Number(find("rate").textContent) > 0);
    await tell("camera", find("label").textContent);
  }
} catch (error) {
  await tell("error", `${error} ${error.stack}`);
}
await tell("end", "");
