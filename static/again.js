// Fills a form in as an earlier record was said: what was measured, used or packed then; when it was is said anew.

for (const chosen of document.querySelectorAll("[data-again]")) {
  chosen.closest(".again").hidden = false;
  chosen.addEventListener("change", () => {
    const values = chosen.selectedOptions[0].dataset.values;
    if (!values) return;
    for (const [name, value] of Object.entries(JSON.parse(values))) {
      const field = chosen.form.elements.namedItem(name);
      if (field) field.value = value;
    }
  });
}
