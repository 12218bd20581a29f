"""What makes and checks what is committed, for whoever works on Furrow; nothing that runs imports it."""
