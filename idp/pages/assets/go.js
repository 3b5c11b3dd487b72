// The browser that asked for the link goes on by itself. Without this script there is a button.
document.querySelector("form[data-go]").requestSubmit();
