// The back office: buttons that need a script are hidden until one runs.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A photo the server would refuse is said at once, before minutes of sending it over a phone's network.
const MOST = 24 * 1024 * 1024 - 100_000;
for (const input of document.querySelectorAll("[data-too-large]")) {
  const said = document.createElement("p");
  said.className = "error";
  said.setAttribute("role", "alert");
  input.closest(".field").append(said);
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > MOST);
    said.textContent = large ? input.dataset.tooLarge : "";
    if (large) input.value = "";
  });
}
