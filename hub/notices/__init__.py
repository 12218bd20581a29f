"""What needs a person reaches that person: in the hub, by mail, by chat."""
