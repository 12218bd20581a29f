// Passkeys: the person's device signs a challenge of ours, and its answer goes along with the form around the button.

const fromText = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function understood(options) {
  options.challenge = fromText(options.challenge);
  if (options.user) options.user.id = fromText(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const known of list ?? []) known.id = fromText(known.id);
  }
  return options;
}

function told(credential) {
  const { response } = credential;
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const signed = Object.fromEntries(names.filter((name) => response[name]).map((name) => [name, toText(response[name])]));
  return JSON.stringify({
    id: credential.id, rawId: toText(credential.rawId), type: credential.type, response: signed,
    clientExtensionResults: {},
  });
}

async function sign(button) {
  const answer = await fetch(button.dataset.passkey, { method: "POST", headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const publicKey = understood(await answer.json());
  return told(publicKey.user ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey }));
}

for (const button of window.PublicKeyCredential ? document.querySelectorAll("button[data-passkey]") : []) {
  const failed = button.form.querySelector("[data-passkey-failed]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    failed.hidden = true;
    try {
      button.form.elements[button.dataset.into].value = await sign(button);
    } catch {
      failed.hidden = false;
      return;
    }
    button.form.submit();
  });
}
