// Runs before the first paint: the chosen theme, without a flash of the other.
const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;
