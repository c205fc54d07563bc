console.log("chatly")
